// An image for the tests of this folder's neighbours: a photograph with a marked square and two widths.
import type { Image, Original, Rendition } from '../backend/models';
import { example } from '../state/examples';

const ORIGINAL: Partial<Original> = {
  contentType: 'image/jpeg',
  format: 'jpeg',
  width: 3000,
  height: 2000,
  bytes: 3_000_000,
  sha256: 'c0ffee'.padEnd(64, '0'),
  frames: 1,
  orientation: 1,
  hasAlpha: false,
  colourSpace: 'sRGB',
};

export function rendition(
  preset: string,
  format: string,
  width: number,
  height: number,
): Rendition {
  const file = `${preset}.${format === 'jpeg' ? 'jpg' : format}`;
  const url = `https://cdn.example/01M7/abc/${file}`;
  return { preset, format, contentType: `image/${format}`, width, height, bytes: width * 100, url };
}

export const RENDITIONS: readonly Rendition[] = [
  rendition('processed', 'jpeg', 512, 512),
  rendition('thumb', 'webp', 320, 213),
  rendition('display', 'avif', 1600, 1067),
  rendition('display', 'webp', 1600, 1067),
];

export function sampleImage(
  changes: Partial<Omit<Image, 'original'>> = {},
  original: Partial<Original> = {},
): Image {
  const image = example({
    id: '01M7',
    owner: 'public',
    version: 3,
    status: 'READY',
    filename: 'beach.jpg',
    original: { ...ORIGINAL, ...original },
    renditions: RENDITIONS,
    revision: 'abc',
    createdAt: '2026-11-21T10:00:00.000Z',
    updatedAt: '2026-11-21T10:00:01.000Z',
  });
  return { ...image, ...changes };
}
