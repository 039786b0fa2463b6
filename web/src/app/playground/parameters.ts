// What one may ask for in the playground, and the parameters of the address that asks for it.
import type { Focus } from '../backend/models';
import type { ParameterName, Parameters } from '../shared/delivery-addresses';

/** Fits with a name, and what each does. */
export const FITS = [
  ['inside', 'Inside', 'The whole picture within the box, never enlarged.'],
  ['clip', 'Clip', 'The whole picture within the box, enlarged if it is small.'],
  ['cover', 'Cover', 'Fills the box and crops the rest, never enlarged.'],
  ['crop', 'Crop', 'Fills the box and crops the rest, enlarged if it is small.'],
  ['contain', 'Contain', 'The whole picture padded to the box, never enlarged.'],
  ['fill', 'Fill', 'The whole picture padded to the box, enlarged if it is small.'],
  ['outside', 'Outside', 'The whole picture, at least as large as the box, never enlarged.'],
  ['scale', 'Scale', 'Stretched to the box.'],
] as const;

/**
 * `focus` is the image's own focal point, or the one that was drawn. Where there is no face, or the
 * stack cannot look for any, `faces` is `attention`.
 */
export const GRAVITIES = [
  ['focus', 'Focal point'],
  ['faces', 'Faces, else attention'],
  ['attention', 'Attention'],
  ['entropy', 'Most detail'],
  ['centre', 'Centre'],
  ['north', 'Top'],
  ['north-east', 'Top right'],
  ['east', 'Right'],
  ['south-east', 'Bottom right'],
  ['south', 'Bottom'],
  ['south-west', 'Bottom left'],
  ['west', 'Left'],
  ['north-west', 'Top left'],
] as const;

export const FORMATS = [
  ['', 'Automatic'],
  ['avif', 'AVIF'],
  ['webp', 'WebP'],
  ['jpg', 'JPEG'],
  ['png', 'PNG'],
  ['gif', 'GIF'],
] as const;

export const FLIPS = [
  ['', 'No'],
  ['h', 'Left to right'],
  ['v', 'Top to bottom'],
  ['hv', 'Both'],
] as const;

export const TURNS = [0, 90, 180, 270] as const;

/** Effects of a strength, of which 0 is none. */
export const SLIDERS = [
  { name: 'blur', label: 'Blur', least: 0, most: 20, step: 0.5 },
  { name: 'sharpen', label: 'Sharpen', least: 0, most: 5, step: 0.1 },
  { name: 'saturation', label: 'Saturation', least: -100, most: 100, step: 5 },
] as const;

export type Slider = (typeof SLIDERS)[number]['name'];
export type Fit = (typeof FITS)[number][0];
export type Gravity = (typeof GRAVITIES)[number][0];

export interface Wishes {
  /** In pixels; null where the picture's shape says it. */
  readonly width: number | null;
  readonly height: number | null;
  readonly fit: Fit;
  readonly gravity: Gravity;
  /** The focal point of this address alone; null is the image's own. */
  readonly point: Focus | null;
  readonly format: (typeof FORMATS)[number][0];
  /** 1 to 100; null is the format's default. */
  readonly quality: number | null;
  readonly blur: number;
  readonly sharpen: number;
  /** Per cent more or less; -100 is grey. */
  readonly saturation: number;
  /** Of padding and behind what is transparent, six hexadecimal digits; null keeps transparency and pads white. */
  readonly background: string | null;
  readonly flip: (typeof FLIPS)[number][0];
  readonly turn: (typeof TURNS)[number];
}

export const LARGEST_SIDE = 8192; // pixels
const STARTING_WIDTH = 640;

export const STARTING_WISHES: Wishes = {
  width: STARTING_WIDTH,
  height: null,
  fit: 'inside',
  gravity: 'focus',
  point: null,
  format: '',
  quality: null,
  blur: 0,
  sharpen: 0,
  saturation: 0,
  background: null,
  flip: '',
  turn: 0,
};

/** Fits that cut something away, of which gravity says what stays. */
const CROPPING: readonly Fit[] = ['cover', 'crop'];
/** Fits that have room left, in which compass words place the picture. */
const PADDING: readonly Fit[] = ['contain', 'fill'];
/** Fits that enlarge, too, where only one side is said. */
const ENLARGING: readonly Fit[] = ['clip', 'fill', 'scale'];
const BY_PIXELS: readonly Gravity[] = ['focus', 'faces', 'attention', 'entropy'];

/** Whether there is a box to be filled, and something to be cut away. */
export function crops({ width, height, fit }: Wishes): boolean {
  return width !== null && height !== null && CROPPING.includes(fit);
}

/** The gravities that mean something for what is asked for; none where nothing is cut or padded. */
export function gravitiesFor(wishes: Wishes): readonly (typeof GRAVITIES)[number][] {
  if (crops(wishes)) return GRAVITIES;
  const pads = wishes.width !== null && wishes.height !== null && PADDING.includes(wishes.fit);
  return pads ? GRAVITIES.filter(([one]) => !BY_PIXELS.includes(one)) : [];
}

/** Returns the parameters that ask for it; what is at its default or means nothing is left out. */
export function parametersOf(wishes: Wishes): Parameters {
  const { width, height, format, quality, blur, sharpen, saturation, flip, turn } = wishes;
  const values = {
    w: width,
    h: height,
    fit: fitOf(wishes),
    q: quality,
    fm: format,
    bg: wishes.background,
    blur,
    sharpen,
    sat: saturation,
    rotate: turn,
    flip,
  } satisfies Partial<Record<ParameterName, string | number | null>>;
  const entries = Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return { ...(Object.fromEntries(entries) as Parameters), ...gravityOf(wishes) };
}

/** Without a box there is nothing to fill: what is left of a fit is whether it enlarges. */
function fitOf({ width, height, fit }: Wishes): Fit | null {
  if (width === null && height === null) return null;
  const boxed = width !== null && height !== null;
  const meant = boxed ? fit : ENLARGING.includes(fit) ? 'clip' : 'inside';
  return meant === 'inside' ? null : meant;
}

function gravityOf(wishes: Wishes): Parameters {
  const { gravity, point } = wishes;
  if (!gravitiesFor(wishes).some(([one]) => one === gravity)) return {};
  if (gravity !== 'focus') return { gravity };
  return point ? { 'fp-x': point.x, 'fp-y': point.y } : {};
}
