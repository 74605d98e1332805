package ensemble

import "zkdeck/config/zoocfg"

func checkConfigs(*Plan, []Member) []zoocfg.Finding { return nil }
