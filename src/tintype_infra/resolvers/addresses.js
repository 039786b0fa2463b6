
/**
 * Return the record with the URL of each rendition, of which the table has only the key: below /p/ for a private
 * one, and unsigned, since this language has no HMAC. Records from before visibility are public.
 */
function withAddresses(image, publicUrl) {
  const renditions = image.renditions.map((rendition) => ({
    ...rendition,
    url: `${publicUrl}${pathOf(rendition.key)}`,
  }));
  return { ...image, visibility: image.visibility ?? "public", renditions };
}

/** Return the path of a key; of the characters in our keys, only the percent sign is escaped in paths. */
function pathOf(key) {
  const prefix = "private/";
  if (!key.startsWith(prefix)) {
    return `/${key}`;
  }
  return `/p/${key.slice(prefix.length).split("%").join("%25")}`;
}
