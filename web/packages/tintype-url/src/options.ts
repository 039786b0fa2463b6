/** The parameters of an address, by the names that they have in it. */

export type Fit =
  'inside' | 'cover' | 'contain' | 'outside' | 'clip' | 'max' | 'crop' | 'min' | 'fill' | 'scale';

export type Gravity =
  | 'centre'
  | 'north'
  | 'north-east'
  | 'east'
  | 'south-east'
  | 'south'
  | 'south-west'
  | 'west'
  | 'north-west'
  | 'attention'
  | 'entropy'
  | 'faces';

export type OutputFormat = 'avif' | 'webp' | 'jpg' | 'png' | 'gif';

/**
 * What a picture is to be. Without a signature an address has `w`, `dpr` and `fm`, or `preset` and `fm`,
 * and `w` is rounded up to the stack's next width; the others need `tintype-url/sign`.
 */
export interface Options {
  /** A preset of the stack's tintype.toml; of the other parameters only `fm` goes with it. */
  preset?: string | undefined;
  /** Width in pixels, 1 to 8192. */
  w?: number | undefined;
  /** Height in pixels, 1 to 8192. */
  h?: number | undefined;
  /** Multiplies `w` and `h`, 1 to 5. */
  dpr?: number | undefined;
  /** How the picture fits into `w` and `h`; `inside` if absent. */
  fit?: Fit | undefined;
  /** What `cover` and `crop` keep, and where `contain` and `fill` place the picture. */
  gravity?: Gravity | undefined;
  /** With `fp-y`, the point that a crop keeps: 0 is left, 1 right. */
  'fp-x'?: number | undefined;
  /** With `fp-x`: 0 is the top, 1 the bottom. */
  'fp-y'?: number | undefined;
  /** Quality, 1 to 100. */
  q?: number | undefined;
  /** The format; if absent, the best that the browser accepts. */
  fm?: OutputFormat | undefined;
  /** Background, 3 or 6 hexadecimal digits. */
  bg?: string | undefined;
  /** Sigma of a blur in pixels, 0 to 100. */
  blur?: number | undefined;
  /** Sigma of the sharpening, 0 to 10. */
  sharpen?: number | undefined;
  /** Saturation: -100 is grey, 0 unchanged, 100 twice. */
  sat?: number | undefined;
  /** Degrees clockwise, 0 to 359. */
  rotate?: number | undefined;
  flip?: 'h' | 'v' | 'hv' | undefined;
  /** `x,y,w,h` in pixels of the upright original: what is used of it. */
  rect?: string | undefined;
}

/**
 * An image: its ID, the path of its addresses such as `/p/ann/ID`, or its parts. With an `owner` it is that
 * owner's private image. The `name`, such as `beach.jpg`, ends the path for people and search engines, and
 * changes nothing.
 */
export type Source = string | { id: string; owner?: string | undefined; name?: string | undefined };
