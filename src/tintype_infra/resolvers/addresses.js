
/** Return the record with the URL of each rendition, of which the table has only the key. */
function withAddresses(image, publicUrl) {
  const renditions = image.renditions.map((rendition) => ({
    ...rendition,
    url: `${publicUrl}/${rendition.key}`,
  }));
  return { ...image, renditions };
}
