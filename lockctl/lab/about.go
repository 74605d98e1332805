package lab

// recipes are what there is to choose from, in the order in which they are offered.
var recipes = []struct {
	recipe Recipe
	about  string
}{
	{Fair, "each watches the one before it"},
	{Naive, "everyone watches the parent"},
	{ReadWrite, "readers together, writers alone"},
	{Semaphore, "so many at a time"},
	{Single, "all try to create one znode"},
	{NoLock, "nobody asks"},
}

// Recipes are all, in the order in which they are offered.
func Recipes() []Recipe {
	all := make([]Recipe, len(recipes))
	for i, r := range recipes {
		all[i] = r.recipe
	}
	return all
}

// About is what a recipe does, in a few words; "" of one that there is not.
func (r Recipe) About() string {
	for _, known := range recipes {
		if known.recipe == r {
			return known.about
		}
	}
	return ""
}
