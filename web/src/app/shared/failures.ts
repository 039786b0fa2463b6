// Failures in plain words, by their stable code; docs/errors.md has the long form.
import type { Failure } from '../backend/models';

const TITLES: Readonly<Record<string, string>> = {
  not_an_image: 'This is not an image',
  unsupported_format: 'This format is not accepted',
  empty_file: 'The file is empty',
  original_archived: 'The original is archived',
  too_many_bytes: 'The file is too large',
  too_many_pixels: 'The picture has too many pixels',
  side_too_long: 'A side of the picture is too long',
  too_many_frames: 'The animation has too many frames',
  truncated_image: 'The file is cut off',
  damaged_image: 'The file is damaged',
  unreadable_image: 'The file cannot be read',
  time_limit: 'It took too long',
  cannot_fit: 'It cannot be made small enough',
  invalid_preset: 'A preset of this service is wrong',
  missing_glyph: 'A preset of this service is wrong',
  processing_crashed: 'Developing broke off',
  function_failed: 'Developing broke off',
  not_found: 'A part of this service is missing',
  access_denied: 'A part of this service is not allowed to do its work',
  invalid_request: 'A part of this service refused its work',
  precondition_failed: 'A part of this service refused its work',
  service_unavailable: 'A part of this service did not answer',
  graphql_failed: 'A part of this service did not answer',
};

/** Returns what went wrong, in a few words. */
export function titleOf(failure: Failure | null): string {
  return (failure && TITLES[failure.code]) ?? 'It could not be developed';
}

/** Returns a message as a sentence of its own; a name at its beginning, such as a setting's, stays as it is. */
export function sentenceOf(message: string): string {
  return /^[a-z]+[ ,]/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}
