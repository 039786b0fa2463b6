// The way from parameters to a picture: its address, signed where it must be, and the picture at it.
import type { DeliveryRules } from '../backend/config';
import type { Delivered, Delivery } from '../backend/delivery';
import type { Image } from '../backend/models';
import { type Parameters, addressOf, baseOf, isOnGrid } from '../shared/delivery-addresses';
import type { Images } from '../state/images';

export interface PictureRequest {
  readonly image: Image;
  readonly parameters: Parameters;
  /** Which addresses are open; null where nothing is known of them. */
  readonly rules: DeliveryRules | null;
}

export interface Shown extends Delivered {
  /** To give away. */
  readonly address: string;
  readonly signed: boolean;
  /** A blob's URL, to be revoked. */
  readonly picture: string;
}

/**
 * Returns the picture. What is on the grid is fetched without a signature, a private one by the session's cookie;
 * only its address to give away is signed. Throws `ApiProblem`, `DeliveryError`, and what *signal* is aborted with.
 */
export async function load(
  { image, parameters, rules }: PictureRequest,
  images: Pick<Images, 'address'>,
  delivery: Pick<Delivery, 'picture'>,
  signal: AbortSignal,
): Promise<Shown> {
  const base = baseOf(image);
  const plain =
    base !== null && rules !== null && isOnGrid(parameters, rules)
      ? addressOf(base, image.filename, parameters)
      : null;
  const open = plain !== null && image.visibility === 'public';
  const address = open ? plain : (await images.address(image.id, parameters)).url;
  signal.throwIfAborted();
  const delivered = await delivery.picture(here(plain ?? address), signal);
  const signed = new URL(address, location.origin).searchParams.has('s');
  return { ...delivered, address, signed, picture: URL.createObjectURL(delivered.blob) };
}

/** Returns an address at this page's own name: the distribution has the page and the pictures. */
function here(address: string): string {
  const { pathname, search } = new URL(address, location.origin);
  return location.origin + pathname + search;
}
