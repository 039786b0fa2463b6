// thumbor's addresses behind /unsafe/ (its documentation, "Usage" and "Filters").

function translated(uri) {
  const path = uri.replace(/^\/unsafe\//, '');
  const form = new RegExp(
    '^(?:(\\d+)x(\\d+):(\\d+)x(\\d+)/)?(?:(full-)?(fit-in)/)?(?:(-)?(\\d*)x(-)?(\\d*)/)?' +
      '(?:(left|center|right)/)?(?:(top|middle|bottom)/)?(?:(smart)/)?(?:filters:(.*?\\))/)?(.+)$'
  );
  const part = form.exec(path);
  const unknown = /^(?:meta|debug|trim[^/]*|adaptive-(?:full-)?fit-in|-?(?:\d*|orig)x-?(?:\d*|orig)|[\d.]+x[\d.]+:[\d.]+x[\d.]+|https?[:%][^/]*)(?=\/)/;
  const strange = unknown.exec(part[15]);
  if (strange) {
    throw strange[0];
  }
  const wanted = { w: positive(part[8]), h: positive(part[10]) };
  if (part[1]) {
    wanted.rect = [part[1], part[2], part[3] - part[1], part[4] - part[2]].join();
  }
  wanted.flip = (part[7] ? 'h' : '') + (part[9] ? 'v' : '');
  const across = (part[11] || '').replace('left', 'west').replace('right', 'east').replace('center', '');
  const down = (part[12] || '').replace('top', 'north').replace('bottom', 'south').replace('middle', '');
  wanted.gravity = part[13] ? 'attention' : down + (down && across && '-') + across || 'centre';
  // It crops to the box and enlarges; into a box it does not enlarge.
  const box = { within: !!part[6], full: !!part[5], enlarges: !part[6] };
  // `fill(red):quality(80)`, whose arguments have no brackets.
  (part[14] || '').split(/\):?/).filter(Boolean).forEach(text => filtered(text, wanted, box));
  wanted.fit = box.full ? 'outside' : box.within ? within(box) : box.enlarges ? 'crop' : 'cover';
  if (!wanted.h !== !wanted.w && wanted.fit === 'crop') {
    wanted.fit = 'clip'; // one side: proportional
  }
  return { key: decoded(part[15]), parameters: wanted };
}

function within(box) {
  return box.filled ? (box.enlarges ? 'fill' : 'contain') : box.enlarges ? 'clip' : 'inside';
}

function positive(text) {
  return Number(text) > 0 ? text : '';
}

function filtered(text, wanted, box) {
  const name = text.split('(')[0];
  const given = text.slice(name.length + 1).split(',').map(each => each.trim());
  const known = {
    quality: () => (wanted.q = given[0]),
    format: () => (wanted.fm = given[0]),
    blur: () => (wanted.blur = tenth(given[given.length - 1])),
    grayscale: () => (wanted.sat = -100),
    saturation: () => (wanted.sat = Math.round((given[0] - 1) * 100)),
    rotate: () => (wanted.rotate = (360 - (given[0] % 360)) % 360), // it turns counter-clockwise
    background_color: () => (wanted.bg = given[0].replace('#', '')),
    fill: () => {
      wanted.bg = given[0].replace('#', '');
      box.filled = true;
    },
    upscale: () => (box.enlarges = true),
    no_upscale: () => (box.enlarges = false),
    strip_exif: () => true,
    strip_icc: () => true
  };
  if (!isOwn(known, name)) {
    throw name;
  }
  known[name]();
}

function tenth(text) {
  return Math.round(text * 10) / 10;
}
