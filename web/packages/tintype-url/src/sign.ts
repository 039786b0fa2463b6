/**
 * Signed addresses of any size. For servers alone: whoever has the key can open every private image.
 * Needs WebCrypto, as Node 20, Deno, Bun and workers have it.
 */
import { canonical } from './canonical.js';
import type { Options, Source } from './options.js';
import { path, place } from './path.js';

export { AddressError, canonical } from './canonical.js';
export type { Fit, Gravity, Options, OutputFormat, Source } from './options.js';

/**
 * Return the signed address of a picture. It is valid until `expires`, in seconds since 1970, which a private
 * image's must have; without it, for as long as the stack knows the key.
 *
 * @throws {AddressError} a parameter is wrong; its name is the error's `parameter`.
 */
export async function sign(
  key: string,
  base: string,
  image: Source,
  options: Options = {},
  expires?: number,
): Promise<string> {
  const given = Object.entries(options as Record<string, unknown>).filter(
    ([, value]) => value !== undefined,
  );
  const query = canonical(given.map(([name, value]) => [name, String(value)]));
  const end = expires === undefined ? '' : `e=${expires}`;
  const whole = [query, end].filter(Boolean).join('&');
  const signature = await mac(key, `${withoutName(path(image))}?${whole}`);
  return `${place(base, image)}?${whole ? `${whole}&` : ''}s=${signature}`;
}

function withoutName(whole: string): string {
  return whole.split('/', whole.startsWith('/p/') ? 4 : 3).join('/');
}

/** Return HMAC-SHA256 of a text, in base64url without padding. */
async function mac(key: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', encoder.encode(key), algorithm, false, [
    'sign',
  ]);
  const digest = await crypto.subtle.sign('HMAC', imported, encoder.encode(text));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
