// What the page of the keys says of them, and how a day becomes the moment at which a key ends.
import type { ApiKey, Scope } from '../backend/models';
import { momentText } from '../shared/times';

/** What a key with a scope may do. */
export const DEEDS: Readonly<Record<Scope, string>> = {
  read: 'see images and their originals',
  upload: 'upload images',
  delete: 'delete images, and process them again',
  admin: 'everything, with the images of all owners',
};

/** Returns since when a key exists, and when it was used. */
export function useOf({ createdAt, lastUsedAt }: ApiKey): string {
  const used = lastUsedAt ? `last used ${momentText(lastUsedAt)}` : 'never used';
  return `Made ${momentText(createdAt)}, ${used}`;
}

/** Returns until when a key is good. */
export function expiryOf({ expiresAt }: ApiKey, now: Date): string {
  if (!expiresAt) return 'Does not expire';
  return `${new Date(expiresAt) > now ? 'Expires' : 'Expired'} ${momentText(expiresAt)}`;
}

/** Returns the last moment of a day such as 2026-12-31, by this machine's clock; undefined for no day. */
export function endOf(day: string): string | undefined {
  const moment = new Date(`${day}T23:59:59`);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}

/** Returns a date as a field for dates has it. */
export function dayOf(moment: Date): string {
  const parts = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()];
  return parts.map((one) => String(one).padStart(2, '0')).join('-');
}
