// File names come from anybody. On the page they are text within <bdi>; this is for everywhere else.

// What turns or hides text: bidirectional controls, zero-width characters, and control characters.
const TRICKS =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const MAX_SLUG = 60;

/** Returns a name for titles, labels and announcements, where nothing could isolate its direction. */
export function plainName(filename: string): string {
  return filename.replace(TRICKS, '') || 'unnamed';
}

/** Returns a name without its ending. */
export function stemOf(filename: string): string {
  return plainName(filename).replace(/(?<=.)\.[a-z0-9]{1,5}$/i, '');
}

/** Returns what is safe in a shell, on any disk and in a header: ASCII, no leading dash or dot. */
export function slugOf(filename: string): string {
  const ascii = stemOf(filename)
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/-{2,}/g, '-');
  return (
    ascii
      .replace(/^[-.]+/, '')
      .slice(0, MAX_SLUG)
      .replace(/[-.]+$/, '') || 'image'
  );
}
