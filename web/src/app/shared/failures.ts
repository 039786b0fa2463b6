// Failures in plain words, by their stable code; docs/reference/errors.md has the long form.
import type { Failure } from '../backend/models';

const TITLES: Readonly<Record<string, string>> = {
  not_an_image: 'This is not an image',
  unsupported_format: 'This format is not supported',
  empty_file: 'The file is empty',
  original_archived: 'The original is archived',
  too_many_bytes: 'The file is too large',
  too_many_pixels: 'The image has too many pixels',
  side_too_long: 'A side of the image is too long',
  truncated_image: 'The file is cut off',
  damaged_image: 'The file is damaged',
  unreadable_image: 'The file cannot be read',
  time_limit: 'Processing took too long',
  cannot_fit: 'A rendition cannot be made small enough',
  invalid_preset: 'A preset of this service is invalid',
  missing_glyph: 'A preset of this service is invalid',
  processing_crashed: 'Processing was interrupted',
  function_failed: 'Processing was interrupted',
  not_found: 'A part of this service is missing',
  access_denied: 'A part of this service lacks a permission',
  invalid_request: 'A part of this service refused a request',
  precondition_failed: 'A part of this service refused a request',
  service_unavailable: 'A part of this service did not respond',
  graphql_failed: 'A part of this service did not respond',
};

/** Returns what went wrong, in a few words. */
export function titleOf(failure: Failure | null): string {
  return (failure && TITLES[failure.code]) ?? 'Processing failed';
}

/** Returns a message as a sentence of its own; a name at its beginning, such as a setting's, stays as it is. */
export function sentenceOf(message: string): string {
  return /^[a-z]+[ ,]/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}
