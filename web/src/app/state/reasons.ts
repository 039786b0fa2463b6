// What to do about a failure, by its stable code: the short form of docs/errors.md.

const ADVICE: Readonly<Record<string, string>> = {
  not_an_image: 'A web page saved under an image’s name is a usual cause.',
  unsupported_format: 'Convert it to one of these, then add it again.',
  unsupported_content_type: 'Convert it to JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.',
  empty_file: 'Choose the file again, then add it again.',
  too_many_bytes: 'Save it smaller, then add it again.',
  upload_too_large: 'Save it smaller, then add it again.',
  too_many_pixels: 'Scale it down, then add it again.',
  side_too_long: 'Crop it, then add it again.',
  too_many_frames: 'Shorten the animation, then add it again.',
  truncated_image: 'Copy the file again from where it came: most often a transfer was cut off.',
  damaged_image: 'Copy the file again from where it came: some of it was changed on the way.',
  unreadable_image: 'Open it in an editor, save it anew, and add that file.',
  time_limit: 'It took too long. A smaller version will do.',
  cannot_fit: 'Whoever runs this service must allow larger files for a preset.',
  processing_crashed: 'It may work another time: have it developed again.',
  invalid_filename: 'Rename the file, then add it again.',
  file_changed: 'Add it again once no other program is writing it.',
  api_unreachable: 'Check your connection, then try again.',
  upload_broken: 'Check your connection, then try again.',
  upload_refused: 'Try again. If it stays so, check the clock of this computer.',
  service_unavailable: 'Wait a moment, then try again.',
  internal_error: 'Try again. If it stays so, tell whoever runs this service.',
  image_not_found: 'It was deleted. Add it again if you want it back.',
};

/** Returns what a person can do about a failure. */
export function whatToDo(code: string, retryable = false): string {
  const fallback = retryable ? 'Try again in a moment.' : 'Try another file.';
  return ADVICE[code] ?? fallback;
}
