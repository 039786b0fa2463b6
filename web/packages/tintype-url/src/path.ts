/** Paths of addresses, as src/tintype/delivery writes them. */
import type { Source } from './options.js';

/** Return the path of an image's addresses; a string may end with a name. */
export function path(image: Source): string {
  if (typeof image === 'string') {
    const rest = image.replace(/^\//, ''); // Nuxt Image puts a slash before what it is given
    return /^[ip]\//.test(rest) ? `/${rest}` : `/i/${rest}`;
  }
  const id = encodeURIComponent(image.id);
  return image.owner === undefined ? `/i/${id}` : `/p/${folder(image.owner)}/${id}`;
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
