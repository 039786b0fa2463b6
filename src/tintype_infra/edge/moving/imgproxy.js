// imgproxy's addresses without a checked signature and with a plain source URL (its documentation, "Processing an
// image"); where the signature is, anything may stand.

const IMGPROXY_GRAVITY = {
  ce: 'centre',
  no: 'north',
  noea: 'north-east',
  ea: 'east',
  soea: 'south-east',
  so: 'south',
  sowe: 'south-west',
  we: 'west',
  nowe: 'north-west',
  sm: 'attention'
};
const IMGPROXY_NAMES = {
  rs: 'resize',
  s: 'size',
  rt: 'resizing_type',
  w: 'width',
  h: 'height',
  el: 'enlarge',
  ex: 'extend',
  g: 'gravity',
  q: 'quality',
  f: 'format',
  ext: 'format',
  bg: 'background',
  bl: 'blur',
  sh: 'sharpen',
  rot: 'rotate',
  ar: 'auto_rotate',
  cb: 'cachebuster',
  fn: 'filename',
  sm: 'strip_metadata',
  scp: 'strip_color_profile'
};

function translated(uri) {
  const parts = uri.split('/').slice(2);
  const plain = parts.indexOf('plain');
  if (plain < 0) {
    throw 'the source';
  }
  const source = /^(.*?)(?:@(\w+))?$/.exec(decoded(parts.slice(plain + 1).join('/')));
  const set = { type: 'fit', gravity: ['ce'] };
  parts.slice(0, plain).forEach(option => {
    const given = option.split(':');
    imgproxyOption(isOwn(IMGPROXY_NAMES, given[0]) ? IMGPROXY_NAMES[given[0]] : given[0], given.slice(1), set);
  });
  const fits = {
    fit: set.extends ? (set.enlarges ? 'fill' : 'contain') : set.enlarges ? 'clip' : 'inside',
    fill: set.enlarges ? 'crop' : 'cover',
    'fill-down': 'cover',
    force: 'scale'
  };
  if (!fits[set.type]) {
    throw 'resizing_type:' + set.type;
  }
  const wanted = {
    w: set.w,
    h: set.h,
    dpr: set.dpr,
    fit: fits[set.type],
    q: set.q,
    fm: source[2] || set.fm,
    bg: set.bg,
    blur: set.blur,
    sharpen: set.sharpen,
    rotate: set.rotate
  };
  aim(wanted, set.gravity);
  // Of an address only the path counts; the bucket is ours.
  const key = source[1].replace(/^(?:s3|gs):\/\/[^/]+\//, '').replace(/^(?:local:\/\/)?\/+/, '');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(key)) {
    throw 'the source';
  }
  return { key: key, parameters: wanted };
}

function imgproxyOption(name, given, set) {
  const number = text => (Number(text) > 0 ? text : '');
  const isOn = text => /^(?:1|t|true)$/.test(text);
  const size = from => {
    set.w = number(given[from]) || set.w;
    set.h = number(given[from + 1]) || set.h;
    set.enlarges = given[from + 2] ? isOn(given[from + 2]) : set.enlarges;
    set.extends = given[from + 3] ? isOn(given[from + 3]) : set.extends;
  };
  const known = {
    resize: () => {
      set.type = given[0] || set.type;
      size(1);
    },
    size: () => size(0),
    resizing_type: () => (set.type = given[0]),
    width: () => (set.w = number(given[0])),
    height: () => (set.h = number(given[0])),
    dpr: () => (set.dpr = given[0]),
    enlarge: () => (set.enlarges = isOn(given[0])),
    extend: () => (set.extends = isOn(given[0])),
    gravity: () => (set.gravity = given),
    quality: () => (set.q = number(given[0])),
    format: () => (set.fm = given[0]),
    background: () => (set.bg = given.length === 3 ? given.map(hex).join('') : given[0]),
    blur: () => (set.blur = Math.round(given[0] * 10) / 10),
    sharpen: () => (set.sharpen = Math.round(given[0] * 10) / 10),
    rotate: () => (set.rotate = given[0]),
    auto_rotate: () => true,
    cachebuster: () => true,
    filename: () => true,
    strip_metadata: () => true,
    strip_color_profile: () => true
  };
  if (!isOwn(known, name)) {
    throw name;
  }
  known[name]();
}

function aim(wanted, gravity) {
  if (gravity[0] === 'fp') {
    wanted['fp-x'] = Math.round(gravity[1] * 1000) / 1000;
    wanted['fp-y'] = Math.round(gravity[2] * 1000) / 1000;
  } else if (isOwn(IMGPROXY_GRAVITY, gravity[0]) && gravity.slice(1).every(offset => !Number(offset))) {
    wanted.gravity = IMGPROXY_GRAVITY[gravity[0]];
  } else {
    throw 'gravity:' + gravity.join(':');
  }
}

function hex(number) {
  return ('0' + Number(number).toString(16)).slice(-2);
}
