// Addresses of private renditions: this page has its own, and gives others away that are signed and expire.
import type { Image, Rendition } from '../backend/models';

const PRIVATE = '/p/';

/** Whether an address opens only with a signature or the session's cookie. */
export function isPrivate(address: string): boolean {
  return new URL(address, location.origin).pathname.startsWith(PRIVATE);
}

/** Returns the address to give away. */
export function sharedAddress({ url, signed }: Rendition): string {
  return signed ?? url;
}

/** Returns until when an image's signed addresses open, in milliseconds since 1970; 0 where there are none. */
export function signedUntil({ renditions }: Pick<Image, 'renditions'>): number {
  const signed = renditions[0]?.signed;
  return signed ? untilOf(signed) : 0;
}

/** Returns until when an address opens, in milliseconds since 1970; 0 where it has no end. */
export function untilOf(address: string): number {
  return Number(new URL(address, location.origin).searchParams.get('e')) * 1000;
}
