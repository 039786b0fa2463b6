/** Paths of addresses, as src/tintype/delivery writes them. */
import type { Source } from './options.js';

const IMAGE = /^(i\/|p\/[^/]+\/)?[0-7][0-9A-HJKMNP-TV-Z]{25}(\/[^/]*)?$/;

/**
 * Return the path of an image's addresses; a string may end with a name.
 *
 * @throws {TypeError} it is not an image's ID, nor an address of one.
 */
export function path(image: Source): string {
  const given =
    typeof image === 'string'
      ? image.replace(/^\//, '') // Nuxt Image puts a slash before what it is given
      : (image.owner === undefined ? 'i/' : `p/${folder(image.owner)}/`) + image.id;
  const found = IMAGE.exec(given);
  if (!found) throw new TypeError(`"${given}" is not an image ID`);
  return found[1] ? `/${given}` : `/i/${given}`;
}

/** Return the base and the path of an image's addresses, with its name. */
export function place(base: string, image: Source): string {
  const name = typeof image === 'string' ? undefined : image.name;
  return base.replace(/\/+$/, '') + path(image) + (name ? `/${encodeURIComponent(name)}` : '');
}

/** Return an owner as a segment of a path: the owner's folder in the bucket, whose percent signs are encoded. */
function folder(owner: string): string {
  const written = encodeURIComponent(owner).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const whole = /^\.+$/.test(written) ? written.replace(/\./g, '%2E') : written;
  return whole.replace(/%/g, '%25');
}
