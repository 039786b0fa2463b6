// Images for tests: what a test does not say is as in a fresh ticket.
import { type Image, type ImageDocument, toImage } from '../backend/models';

/** Returns an image; its id is its place in time, too. */
export function example(facts: Partial<ImageDocument> = {}): Image {
  const { id = '01A' } = facts;
  const day = String(id.charCodeAt(2) - 64).padStart(2, '0');
  const moment = `2026-11-${day}T10:00:00.000Z`;
  return toImage({
    id,
    version: 1,
    status: 'AWAITING_UPLOAD',
    filename: `${id}.jpg`,
    source: 'UPLOAD',
    original: {},
    createdAt: moment,
    updatedAt: moment,
    ...facts,
  });
}
