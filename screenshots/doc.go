// Package screenshots makes the pictures of the README from the real program: a script
// of keys drives it in a pseudo-terminal, on a sandbox and on an ensemble, and what the
// terminal shows is drawn by zkdeck/screenshots/ink.
//
//	make screenshots
//
// makes all of them again, and leaves no difference where nothing has changed that they
// show. README.md here says how, and what is masked.
//
// The maker is a test, because only tests look at a screen from outside. Without its flag
// -write it makes nothing, and looks only whether every picture is there.
package screenshots
