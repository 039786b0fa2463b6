// What to do about a failure, by its stable code: the short form of docs/reference/errors.md.
import { ACCEPTED } from '../backend/formats.generated';

const ADVICE: Readonly<Record<string, string>> = {
  not_an_image: 'It may be a web page saved under an image’s name.',
  unsupported_format: 'Convert it to one of these, then add it again.',
  unsupported_content_type: `Convert it to ${ACCEPTED}.`,
  empty_file: 'Choose the file again, then add it again.',
  too_many_bytes: 'Save it smaller, then add it again.',
  upload_too_large: 'Save it smaller, then add it again.',
  too_many_pixels: 'Scale it down, then add it again.',
  side_too_long: 'Crop it, then add it again.',
  truncated_image: 'Copy the file again from its source; the transfer was probably cut off.',
  damaged_image: 'Copy the file again from its source; part of it was corrupted.',
  unreadable_image: 'Open it in an image editor, save it again, and upload that file.',
  time_limit: 'Save it smaller, then add it again.',
  cannot_fit: 'The file-size limit of a preset is too low; contact the administrator.',
  processing_crashed: 'This may be temporary. Process it again.',
  invalid_filename: 'Rename the file, then add it again.',
  file_changed: 'Close the program that is saving this file, then try again.',
  api_unreachable: 'Check your connection, then try again.',
  upload_broken: 'Check your connection, then try again.',
  upload_refused: 'Try again. If it happens again, check the clock of this computer.',
  service_unavailable: 'Wait a moment, then try again.',
  internal_error: 'Try again. If it happens again, contact the administrator.',
  quota_exceeded: 'Delete images that you do not need, then try again.',
  not_signed_in: 'Sign out and in again, then try again.',
  image_not_found: 'It was deleted. Add it again if you want it back.',
};

/** Returns what a person can do about a failure. */
export function whatToDo(code: string, retryable = false): string {
  const fallback = retryable ? 'Try again in a moment.' : 'Try another file.';
  return ADVICE[code] ?? fallback;
}
