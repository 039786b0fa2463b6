/**
 * Addresses of pictures from a Tintype stack, for browsers and servers. They are not signed: a size is
 * rounded up to one of the stack's widths. `tintype-url/sign` signs addresses of any size, on servers alone.
 *
 * A `base` is the address of the stack's page, such as `https://d111.cloudfront.net`.
 */
import type { Options, OutputFormat, Source } from './options.js';
import { place } from './path.js';

export type { Fit, Gravity, Options, OutputFormat, Source } from './options.js';

/** The widths that every stack has by default: `[delivery] widths` of its tintype.toml. */
export const WIDTHS: readonly number[] = [
  64, 128, 192, 256, 320, 384, 480, 640, 750, 828, 960, 1080, 1280, 1600, 1920, 2560,
];

/** Return the address of a picture. */
export function url(base: string, image: Source, options: Options = {}): string {
  const given = Object.entries(options as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replace(/%2C/g, ',')}`);
  return place(base, image) + (given.length ? `?${given.join('&')}` : '');
}

/** Return the `srcset` of a picture in these widths, for an `img` with `sizes`. */
export function srcset(
  base: string,
  image: Source,
  options: Pick<Options, 'fm'> = {},
  widths: readonly number[] = WIDTHS,
): string {
  return widths.map((w) => `${url(base, image, { ...options, w })} ${w}w`).join(', ');
}

/** Return the loader for `next/image`, whose `src` is then an image's ID. */
export function nextLoader(base: string): (of: { src: string; width: number }) => string {
  return ({ src, width }) => url(base, src, { w: width });
}

interface Sized {
  width?: number | string | undefined;
  format?: string | undefined;
}

/** Return the transformer for `@unpic/react/base` and its kin, whose `src` is then an image's ID. */
export function unpicTransformer(base: string): (src: string | URL, operations: Sized) => string {
  return (src, operations) => url(base, String(src), sized(operations));
}

/** Return the provider for Nuxt Image, whose `src` is then an image's ID. */
export function nuxtProvider(base: string): {
  getImage: (src: string, of: { modifiers?: Sized; baseURL?: string }) => { url: string };
} {
  return {
    getImage: (src, { modifiers = {}, baseURL }) => ({
      url: url(baseURL ?? base, src, sized(modifiers)),
    }),
  };
}

/** Leave out what only a signed address may say: the browser crops by CSS, and the stack knows the quality. */
function sized({ width, format }: Sized): Options {
  return {
    w: width === undefined ? undefined : Math.round(Number(width)),
    fm: format === 'jpeg' ? 'jpg' : (format as OutputFormat | undefined),
  };
}
