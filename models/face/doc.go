// Package face finds a face in a picture, follows its 478 landmarks from frame to frame and separates the person from
// the background. It runs three converted MediaPipe networks through package ort.
//
// # What a client in another language must mirror
//
// The browser's tracker runs the same three files. Everything that both sides must do alike is written here; the golden
// files in testdata/golden hold inputs and expected results for both.
//
// Every network takes one input, "image": float32, shape 1 x 3 x N x N (planes R, G, B; rows from the top), values 0..1,
// that is byte/255. Post-processing that needs no decision is inside the files.
//
//	file                      N    outputs
//	face_detection.onnx       128  boxes 1 x 896 x 16, scores 1 x 896
//	face_landmarks.onnx       192  landmarks 1 x 478 x 3, score 1 x 1
//	selfie_segmentation.onnx  256  alpha 1 x 1 x 256 x 256
//
// boxes: per anchor centre x, centre y, width, height, then x, y of six keypoints: the eye left in the picture, the eye
// right in it, nose tip, mouth, the ear left in the picture, the ear right in it. All in 0..1 of the network's input.
// Anchors are already added and scores are probabilities.
//
// landmarks: x, y, z in pixels of the 192 x 192 crop, z on the same scale; lips, eyes and irises are already refined.
// score: the probability that the crop shows a face.
//
// alpha: 0 background to 1 person.
//
// # Geometry
//
// Positions in a picture are in pixels; the centre of the top left pixel is (0.5, 0.5). A region of interest (ROI) is a
// square: centre (cx, cy), side s, angle a in radians, clockwise as seen on the screen (y points down). The centre of
// pixel (i, j) of an N x N crop maps to
//
//	u = (i+0.5)/N - 0.5,  v = (j+0.5)/N - 0.5
//	x = cx + s*(u*cos a - v*sin a)
//	y = cy + s*(u*sin a + v*cos a)
//
// and takes the bilinear value there (subtract 0.5 from x and y to get to array indices). Outside the picture the
// landmark crop repeats the edge; the detector's input is black. Where the crop shrinks the picture, each crop pixel is
// the mean of several samples: see Sampling below.
//
// # Detection
//
// The ROI is the square about the picture's centre with the longer side, a = 0, so the picture is padded to a square
// with black. Boxes with a score of at least 0.5 are kept, best first, and merged by weighted non-maximum suppression:
// take the best, collect every remaining box whose intersection over union with it exceeds 0.3, replace it by their mean
// weighted by score (box and keypoints; the score stays the best one's), go on with the others.
//
// # From a detection to the landmark ROI
//
// In pixels of the picture: centre = centre of the box, s = 1.5 * max(width, height), a = atan2(dy, dx) of the vector
// from keypoint 0 to keypoint 1.
//
// # From landmarks to the next ROI
//
// A landmark (lx, ly, lz) of the crop maps to the picture with u = lx/192 - 0.5, v = ly/192 - 0.5 in the formulas above,
// and z = s*lz/192. The next ROI: a = atan2(dy, dx) of the vector from landmark 33 to landmark 263; centre = centre of
// the upright bounding box of all 478 points; s = 1.5 * max(width, height) of that box.
//
// The first ROI comes from a detection; while the score stays at 0.5 or above, the landmarks of one frame give the ROI
// of the next. Below it, the same frame is searched. A still is looked at four times, each time where the last pass
// found the face.
//
// # Finding a face
//
// A frame in which no face is followed is searched in this order, until a face is found:
//
//  1. The whole picture. Its best detection, or of several the one nearest to where the face was last, is followed as
//     above.
//  2. Up to Windows windows (4): first, for the 90 frames after a face was lost, squares about the centre of its last
//     ROI with 2.5 and 5 times its side; then the next windows of a schedule that goes round from frame to frame. Of
//     all that these and the whole picture show, the best two detections with a score of at least 0.65 are tried. One
//     is followed if the landmark network scores 0.9 or more at its ROI and again at the ROI that follows from those
//     landmarks, and if the irises (468, 473) are at least 14 pixels apart.
//
// The schedule: for p = 2, 3, 4, 6 squares with the picture's longer side over p, row by row. Along a side of length l
// there are n = 1 + ceil((l-s)/(s/2)) of side s, their centres evenly from s/2 to l-s/2; one in the middle where
// l <= s. windows.json lists them.
//
// A window takes one run of the detection network. So a frame without a face takes at most 5 of these and 6 of the
// landmark network: 8 to 15 ms on one core of a Xeon, where a frame with a face takes 5 to 6. A face with 22 pixels
// between the eyes in a picture of 720 lines is found within 6 frames, and wherever it is within 29.
//
// The distance that nearest means: that of the centres over the last ROI's side, plus the absolute logarithm of the
// ratio of the sides.
//
// # Sampling
//
// Let step = s/N, the pixels of the picture per pixel of the crop, on each axis. A crop pixel takes
// k = max(1, floor(step/2 + 1/2)) bilinear samples along each axis, at most 16, evenly placed at
// u = (i + (b+0.5)/k)/N - 0.5 for b = 0..k-1 (likewise v), and is their mean. The segmentation network sees the whole
// picture stretched to its square, with a step per axis. A sampler that differs a little (a canvas, a GPU) moves
// landmarks by a few thousandths of the distance between the eyes.
//
// # Units
//
// A Sample holds x, y and z divided by the picture's WIDTH (all three), so y runs from 0 to height/width.
package face
