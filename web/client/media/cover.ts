/** Where a column of a picture lies in a box that it covers, as object-fit: cover draws it: scaled to fill, cut evenly. */

export interface Size {
  width: number;
  height: number;
}

/** Share 0..1 of the box's width at which the column at this share of the picture's width is drawn. */
export function boxShare(share: number, picture: Size, box: Size): number {
  return 0.5 + (share - 0.5) * drawnWidth(picture, box);
}

/** The inverse of boxShare. */
export function pictureShare(share: number, picture: Size, box: Size): number {
  return 0.5 + (share - 0.5) / drawnWidth(picture, box);
}

/** Width at which the picture is drawn, relative to the box: 1 or more. Until its size is known it is taken to fit. */
function drawnWidth(picture: Size, box: Size): number {
  const widening = (picture.width * box.height) / (picture.height * box.width);
  return Number.isFinite(widening) ? Math.max(1, widening) : 1;
}
