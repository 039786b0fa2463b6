// What no stack takes is refused here, before a byte is sent: by the first bytes and by the size.
// Whether SVG is taken is the stack's setting, so the stack says it when it is asked for a ticket.
// The words and the codes are the server's (src/tintype/imaging/formats.py, src/tintype/uploads.py).
import * as formats from '../backend/formats.generated';
import type { ContentType } from '../backend/models';
import type { Trouble } from '../backend/uploads';
import { formatCount } from '../state/formats';

export type Inspection =
  | { readonly fits: true; readonly contentType: ContentType }
  | { readonly fits: false; readonly trouble: Trouble };

type Magic<T> = readonly [offset: number, bytes: string, means: T];

const BRANDS: ReadonlyMap<string, ContentType> = new Map(formats.BRANDS);
const GENERIC_BRANDS: ReadonlySet<string> = new Set(formats.GENERIC_BRANDS);
const SVG = new RegExp(`^${formats.SVG_START}`, 'i');
const { ACCEPTED, MAGIC, MARKUP, REFUSED } = formats;

/** As many of a file's first bytes as the server looks at. */
export const { SNIFFED_BYTES } = formats;

/** Returns what a file is, or why the stack would not take it; *head* is its first bytes. */
export function inspect(head: Uint8Array, size: number, maxBytes: number): Inspection {
  if (size === 0) return refuse('not_an_image', 'the file is empty');
  const text = Array.from(head, (byte) => String.fromCharCode(byte)).join('');
  const contentType =
    MAGIC.find((one) => begins(text, one))?.[2] ?? brandOf(text) ?? drawingIn(text);
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

function drawingIn(text: string): ContentType | undefined {
  return SVG.test(text) ? 'image/svg+xml' : undefined;
}

function brandIn(text: string): string {
  return text
    .slice(8, 12)
    .replace(/[^ -~]/g, '\ufffd')
    .trim();
}

function sizeOfBox(text: string): number {
  return [0, 1, 2, 3].reduce((size, at) => size * 256 + text.charCodeAt(at), 0);
}

function stranger(text: string): Inspection {
  const known = REFUSED.find((one) => begins(text, one))?.[2].replace('{brand}', brandIn(text));
  const start = text.replace(/^[\xef\xbb\xbf \t\r\n]+/, '').toLowerCase();
  const markup = MARKUP.some((tag) => start.startsWith(tag));
  const name = known ?? (markup ? 'SVG and other markup' : undefined);
  if (name) return refuse('unsupported_format', `${name} is not supported; send ${ACCEPTED}`);
  return refuse('not_an_image', `not a known image format; send ${ACCEPTED}`);
}

function begins(text: string, [offset, bytes]: Magic<unknown>): boolean {
  return text.startsWith(bytes, offset);
}

function refuse(code: string, message: string): Inspection {
  return { fits: false, trouble: { code, message } };
}
