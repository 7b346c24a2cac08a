// Package intake turns the bytes of a picture, as people have them, into upright opaque sRGB pixels.
//
// It reads JPEG (grey, YCbCr, CMYK, progressive), PNG and APNG, GIF, WebP (animated, too), BMP and TIFF; applies the
// EXIF orientation and common ICC profiles; lays transparent pictures on a plain colour. Of an animation the first
// frame is taken. What it cannot read it names, with a sentence that says what to do.
//
// The header is judged before a pixel is allocated: no picture above Limits costs more than reading its header.
package intake
