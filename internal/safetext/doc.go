// Package safetext makes text that comes from ZooKeeper safe to print on a
// terminal, and measures and cuts what is safe.
//
// Names, values, identities, answers of four-letter words and logs are data that
// anybody with access to the cluster can choose. What a terminal would act upon,
// or not show, is written as a visible escape in the notation of Go strings:
//
//	\n \t \r   the usual three
//	\x1b       an ASCII control, and any byte that is not valid UTF-8 (\xff)
//	\u202e     a code point: C1 controls, bidirectional controls, zero-width and
//	           other invisible characters, unusual spaces, line separators,
//	           private use, unassigned
//	\U000e0041 the same above U+FFFF
//
// What remains has the same width by both ways in which terminals count cells
// (grapheme clusters and wcwidth), so columns stay aligned everywhere.
//
// [Clean] is for names and ids: it is injective, so that two different names never
// look the same by invisible means. [CleanLine] and [CleanBlock] are for texts
// such as values. Letters of different scripts that resemble each other are left
// alone, and so is the order in which a terminal draws right-to-left letters.
package safetext
