// Addresses of AWS's Dynamic Image Transformation: JSON with the bucket, the key and edits of sharp's, in base64
// (its implementation guide, "Create and use image requests"; sharp's documentation, "Resizing images").

const DIT_FITS = { cover: 'crop', contain: 'fill', fill: 'scale', inside: 'clip', outside: 'outside' };
const DIT_SMALLER = { crop: 'cover', fill: 'contain', clip: 'inside' };
const DIT_GRAVITY = { centre: 'centre', center: 'centre', attention: 'attention', entropy: 'entropy' };

function translated(uri) {
  let request;
  try {
    request = JSON.parse(Buffer.from(uri.slice(1), 'base64').toString('utf8'));
  } catch (_) {
    throw 'the JSON';
  }
  if (!request || typeof request.key !== 'string') {
    throw 'the key';
  }
  const wanted = { fm: request.outputFormat };
  const edits = request.edits || {};
  // In sharp's order: a smart crop is one of the box.
  Object.keys(edits).forEach(name => {
    if (!isOwn(DIT_EDITS, name)) {
      throw name;
    }
    if (edits[name] !== false && edits[name] !== null) {
      DIT_EDITS[name](edits[name], wanted);
    }
  });
  wanted.q = wanted.q || (wanted.qualities || {})[wanted.fm];
  delete wanted.qualities;
  return { key: request.key, parameters: wanted };
}

const DIT_EDITS = {
  resize: (given, wanted) => {
    Object.keys(given).forEach(name => {
      if (!/^(?:width|height|fit|position|background|withoutEnlargement)$/.test(name)) {
        throw 'resize.' + name;
      }
    });
    wanted.w = given.width && Math.round(given.width);
    wanted.h = given.height && Math.round(given.height);
    const fit = DIT_FITS[given.fit || 'cover'];
    if (!fit) {
      throw 'resize.fit';
    }
    wanted.fit = (given.withoutEnlargement && DIT_SMALLER[fit]) || fit;
    if (!wanted.w !== !wanted.h && wanted.fit === 'crop') {
      wanted.fit = 'clip';
    }
    if (given.background) {
      wanted.bg = ditColour(given.background);
    }
    if (given.position && !wanted.gravity) {
      wanted.gravity = ditGravity(given.position);
    }
  },
  smartCrop: (_, wanted) => (wanted.gravity = 'faces'),
  toFormat: (given, wanted) => (wanted.fm = given),
  jpeg: (given, wanted) => ditQuality('jpeg', given, wanted),
  webp: (given, wanted) => ditQuality('webp', given, wanted),
  avif: (given, wanted) => ditQuality('avif', given, wanted),
  png: (given, wanted) => ditQuality('png', given, wanted),
  grayscale: (_, wanted) => (wanted.sat = -100),
  greyscale: (_, wanted) => (wanted.sat = -100),
  flip: (_, wanted) => (wanted.flip = wanted.flip ? 'hv' : 'v'),
  flop: (_, wanted) => (wanted.flip = wanted.flip ? 'hv' : 'h'),
  rotate: (given, wanted) => (wanted.rotate = given ? ((given % 360) + 360) % 360 : 0),
  blur: (given, wanted) => (wanted.blur = ditSigma('blur', given)),
  sharpen: (given, wanted) => (wanted.sharpen = ditSigma('sharpen', given)),
  flatten: (given, wanted) => (wanted.bg = given.background && ditColour(given.background))
};

function ditQuality(format, given, wanted) {
  wanted.qualities = wanted.qualities || {};
  wanted.qualities[format] = given.quality;
}

// `true` is a fast, mild version of sharp's, which has no sigma.
function ditSigma(name, given) {
  if (given !== true && !(given > 0)) {
    throw name;
  }
  return given === true ? 1 : Math.round(given * 10) / 10;
}

function ditGravity(position) {
  const words = String(position).replace('top', 'north').replace('bottom', 'south').replace('left', 'west').replace('right', 'east');
  const compass = words.split(/[ -]/).sort().reverse().join('-').replace(/^(east|west)-(north|south)$/, '$2-$1');
  const found = DIT_GRAVITY[words] || (COMPASS.test(compass) && compass);
  if (!found) {
    throw 'resize.position';
  }
  return found;
}

function ditColour(given) {
  if (typeof given === 'string') {
    return given.replace('#', '');
  }
  return [given.r, given.g, given.b].map(each => ('0' + Number(each).toString(16)).slice(-2)).join('');
}
