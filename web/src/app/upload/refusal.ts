// What the stack would refuse is refused here, before a byte is sent: by the first bytes and by the size.
// The formats, the words and the codes are the server's (src/tintype/imaging/formats.py, src/tintype/uploads.py).
import type { ContentType } from '../backend/models';
import type { Trouble } from '../backend/uploads';
import { formatCount } from '../state/formats';

export type Inspection =
  | { readonly fits: true; readonly contentType: ContentType }
  | { readonly fits: false; readonly trouble: Trouble };

/** As many of a file's first bytes as the server looks at. */
export const SNIFFED_BYTES = 4096;

const ACCEPTED = 'JPEG, PNG, WEBP, AVIF, GIF, TIFF or HEIC';

type Magic<T> = readonly [offset: number, bytes: string, means: T];

// Bytes as characters up to U+00FF.
const MAGIC: readonly Magic<ContentType>[] = [
  [0, '\xff\xd8\xff', 'image/jpeg'],
  [0, '\x89PNG\r\n\x1a\n', 'image/png'],
  [8, 'WEBP', 'image/webp'],
  [0, 'GIF87a', 'image/gif'],
  [0, 'GIF89a', 'image/gif'],
  [0, 'II*\0', 'image/tiff'],
  [0, 'MM\0*', 'image/tiff'],
];

const BRANDS: ReadonlyMap<string, ContentType> = new Map([
  ['avif', 'image/avif'],
  ['avis', 'image/avif'],
  ['heic', 'image/heic'],
  ['heix', 'image/heic'],
  ['heim', 'image/heic'],
  ['heis', 'image/heic'],
]);
const GENERIC_BRANDS: ReadonlySet<string> = new Set(['mif1', 'msf1', 'miaf']);

const REFUSED: readonly Magic<string>[] = [
  [0, 'BM', 'BMP'],
  [0, '%PDF', 'PDF'],
  [0, '%!PS', 'PostScript'],
  [0, '8BPS', 'Photoshop'],
  [0, '\0\0\x01\0', 'ICO'],
  [0, '\xff\x0a', 'JPEG XL'],
  [0, '\0\0\0\x0cJXL ', 'JPEG XL'],
  [0, '\0\0\0\x0cjP  ', 'JPEG 2000'],
  [0, 'II+\0', 'BigTIFF'],
  [0, 'MM\0+', 'BigTIFF'],
  [0, 'v/1\x01', 'OpenEXR'],
  [0, '#?RADIANCE', 'Radiance HDR'],
  [4, 'ftyp', 'video'],
];
const MARKUP = ['<svg', '<?xml', '<!doctype', '<html', '<script'];

/** Returns what a file is, or why the stack would not take it; *head* is its first bytes. */
export function inspect(head: Uint8Array, size: number, maxBytes: number): Inspection {
  if (size === 0) return refuse('not_an_image', 'the file is empty');
  const text = Array.from(head, (byte) => String.fromCharCode(byte)).join('');
  const contentType = MAGIC.find((one) => begins(text, one))?.[2] ?? brandOf(text);
  if (!contentType) return stranger(text);
  if (size > maxBytes) {
    const message = `${formatCount(size)} bytes; the limit is ${formatCount(maxBytes)}`;
    return refuse('upload_too_large', message);
  }
  return { fits: true, contentType };
}

/** The first still-image brand of an ISO base media file: the major one, then the compatible. */
function brandOf(text: string): ContentType | undefined {
  if (text.slice(4, 8) !== 'ftyp') return undefined;
  const major = text.slice(8, 12);
  if (!GENERIC_BRANDS.has(major)) return BRANDS.get(major);
  const compatible: string[] = [];
  for (let at = 16; at < Math.min(sizeOfBox(text), text.length); at += 4) {
    compatible.push(text.slice(at, at + 4));
  }
  return compatible.map((brand) => BRANDS.get(brand)).find((found) => found !== undefined);
}

function sizeOfBox(text: string): number {
  return [0, 1, 2, 3].reduce((size, at) => size * 256 + text.charCodeAt(at), 0);
}

function stranger(text: string): Inspection {
  const known = REFUSED.find((one) => begins(text, one))?.[2];
  const start = text.replace(/^[\xef\xbb\xbf \t\r\n]+/, '').toLowerCase();
  const markup = MARKUP.some((tag) => start.startsWith(tag));
  const name = known ?? (markup ? 'SVG and other markup' : undefined);
  if (name) return refuse('unsupported_format', `${name} is not accepted; send ${ACCEPTED}`);
  return refuse('not_an_image', `not an image that we know; send ${ACCEPTED}`);
}

function begins(text: string, [offset, bytes]: Magic<unknown>): boolean {
  return text.startsWith(bytes, offset);
}

function refuse(code: string, message: string): Inspection {
  return { fits: false, trouble: { code, message } };
}
