package ensemble

import "errors"

func asFailed(err error, failed **FailedError) bool { return errors.As(err, failed) }
