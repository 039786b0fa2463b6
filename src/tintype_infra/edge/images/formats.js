// The extension of the file that is asked for: its format, or how the original decides about it.

function extensionOf(variant, accept) {
  if (variant.fm) {
    return variant.fm;
  }
  const header = accept ? (accept.multiValue || [accept]).map(each => each.value).join() : '*/*';
  return variant.preset ? ofPreset(formatsOf(variant.preset), header) : ofSize(header);
}

function ofSize(header) {
  const avif = quality(header, 'avif');
  const webp = quality(header, 'webp');
  if (!webp) {
    return avif ? 'avif' : 'auto';
  }
  return avif >= webp ? 'auto-avif' : 'auto-webp';
}

function ofPreset(formats, header) {
  if (formats[0] === 'auto') {
    return 'auto';
  }
  const accepted = formats.filter(format => quality(header, format) > 0);
  return accepted[0] || formats[formats.length - 1];
}

// What RFC 9110, 12.5.1 says of a type; but no browser is believed to show AVIF or WebP because it accepts all.
function quality(header, format) {
  const isNew = format === 'avif' || format === 'webp';
  const type = 'image/' + (format === 'jpg' ? 'jpeg' : format);
  const ranges = isNew ? [type] : [type, 'image/[*]', '[*]/[*]'];
  for (let i = 0; i < ranges.length; i++) {
    const found = new RegExp('(?:^|,)\\s*' + ranges[i] + '\\s*(;[^,]*)?(?:,|$)', 'i').exec(header);
    if (found) {
      const q = /;\s*q=([^;\s]*)/i.exec(found[1] || '');
      return q ? (q[1] <= 1 && Math.max(q[1], 0)) || 0 : 1;
    }
  }
  return 0;
}
