// Addresses of any size: where those of an image begin, and which of them are open without a signature.
import type { DeliveryRules } from '../backend/config';
import type { components } from '../backend/http.generated';
import type { Image } from '../backend/models';
import { slugOf } from './names';

/** Parameters of an address by their names, those that are at their defaults left out. */
export type Parameters = Readonly<Partial<Record<ParameterName, string | number>>>;
export type ParameterName = Exclude<keyof components['schemas']['AddressRequest'], 'expiresIn'>;

const OPEN_FORMATS: readonly unknown[] = [undefined, 'avif', 'webp', 'jpg'];
const OPEN_PARAMETERS = ['w', 'fm'];
const OWNER_AND_ID = 4; // of `/p/{owner}/{id}/…`: what comes before its fourth slash

/** Returns where the addresses of an image begin, such as `https://cdn/i/01M7…`; null before it has a rendition. */
export function baseOf({ id, visibility, renditions }: Image): string | null {
  const [first] = renditions;
  if (!first) return null;
  const { origin, pathname } = new URL(first.url, location.origin);
  if (visibility === 'public') return `${origin}/i/${id}`;
  return origin + pathname.split('/').slice(0, OWNER_AND_ID).join('/');
}

/** Returns an address; the file's name in it is for people and search engines. */
export function addressOf(base: string, filename: string, parameters: Parameters): string {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)]),
  );
  return `${base}/${slugOf(filename)}${query.size > 0 ? `?${query}` : ''}`;
}

/** Whether a width, and a format, of the grid are all that is asked for. */
export function isOnGrid(parameters: Parameters, { widths }: DeliveryRules): boolean {
  const { w, fm } = parameters;
  return (
    typeof w === 'number' &&
    widths.includes(w) &&
    OPEN_FORMATS.includes(fm) &&
    Object.keys(parameters).every((name) => OPEN_PARAMETERS.includes(name))
  );
}
