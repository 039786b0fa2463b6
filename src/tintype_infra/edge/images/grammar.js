// What an address of any size means: src/tintype/delivery/grammar.py, which explains it. A variant has the texts of
// its parameters in canonical form, '' for those that are not there or change nothing. What is wrong is thrown as
// the parameter's name.

const ORDER = 'preset w h fit gravity fp-x fp-y q fm bg blur sharpen sat rotate flip rect'.split(' ');
const IGNORED = /^(?:auto|v|ver|ixlib|utm_.*)$/;
const MAX_SIDE = 8192;
const COMPASS = /^(?:(?:north|south)(?:-(?:east|west))?|east|west)$/;

function parametersOf(query) {
  const given = {};
  Object.keys(query).forEach(name => {
    if (IGNORED.test(name) || name === 'e' || name === 's') {
      return;
    }
    if ((ORDER.indexOf(name) < 0 && name !== 'dpr') || query[name].multiValue) {
      throw name;
    }
    given[name] = query[name].value.replace(/%2c/gi, ',');
  });
  return given;
}

function variantOf(given) {
  // Read a parameter by a function that returns its canonical text, or something else if it is wrong.
  const read = (name, reader) => {
    const text = given[name] === undefined ? '' : reader(given[name]);
    if (typeof text !== 'string') {
      throw name;
    }
    return text;
  };
  const word = (name, form) => read(name, text => form.test(text) && text);
  const number = (name, low, high, fraction) => {
    const form = new RegExp('^' + (low < 0 ? '-?' : '') + '\\d{1,9}' + (fraction || '') + '$');
    return read(name, text => form.test(text) && String(Math.min(Math.max(Number(text), low), high)));
  };
  const orNone = text => (text === '0' ? '' : text);

  const fm = word('fm', /^(?:avif|webp|jpe?g|png|gif)$/).replace('jpeg', 'jpg');
  const preset = word('preset', /^[a-z0-9][a-z0-9_-]{0,63}$/);
  if (preset) {
    checkPreset(preset, fm, given);
    return { preset: preset, fm: fm };
  }
  const density = Math.round((number('dpr', 1, 5, '(?:[.]\\d{1,2})?') || 1) * 100);
  const side = name =>
    word(name, /^0*[1-9]\d{0,8}$/) && String(Math.min(Math.floor((given[name] * density + 50) / 100), MAX_SIDE));
  const w = side('w');
  const h = side('h');
  const fit = fitOf(word('fit', /^(?:inside|clip|cover|crop|contain|fill|outside|scale|max|min|fillmax)$/), w, h);
  const share = '(?:[.]\\d{1,3})?';
  const kept = keptOf(
    word('gravity', new RegExp(COMPASS.source + '|^(?:centre|attention|entropy|faces)$')),
    number('fp-x', 0, 1, share),
    number('fp-y', 0, 1, share),
    fit
  );
  return {
    w: w,
    h: h,
    fit: fit,
    gravity: kept[0],
    'fp-x': kept[1],
    'fp-y': kept[2],
    q: number('q', 1, 100),
    fm: fm,
    bg: read('bg', colour),
    blur: orNone(number('blur', 0, 100, '(?:[.]\\d)?')),
    sharpen: orNone(number('sharpen', 0, 10, '(?:[.]\\d)?')),
    sat: orNone(number('sat', -100, 100)),
    rotate: orNone(String(number('rotate', 0, 999999999) % 360)),
    flip: word('flip', /^(?:h|v|hv)$/),
    rect: read('rect', rectangle)
  };
}

function checkPreset(preset, fm, given) {
  Object.keys(given).forEach(name => {
    if (name !== 'preset' && name !== 'fm') {
      throw name;
    }
  });
  const formats = formatsOf(preset);
  if (!formats) {
    throw 'preset';
  }
  if (fm && formats.indexOf(fm) < 0) {
    throw 'fm';
  }
}

function formatsOf(preset) {
  const formats = Object.keys(PRESETS).filter(each => PRESETS[each].indexOf(preset) >= 0);
  return formats.length && formats[0].split(',');
}

// The canonical fit, '' for inside. With one side alone there is no box to cut to, to pad or to stretch to.
function fitOf(named, w, h) {
  const fit = named.replace('fillmax', 'contain').replace('max', 'inside').replace('min', 'cover').replace('inside', '');
  if (w && h) {
    return fit;
  }
  return (w || h) && /^(?:clip|fill|scale)$/.test(fit) ? 'clip' : '';
}

// Gravity and focal point, as far as they have an effect with this fit.
function keptOf(gravity, x, y, fit) {
  if (!x !== !y) {
    throw x ? 'fp-y' : 'fp-x';
  }
  if (gravity && x) {
    throw 'gravity';
  }
  if (fit === 'cover' || fit === 'crop') {
    return [gravity, x, y];
  }
  return [(fit === 'contain' || fit === 'fill') && COMPASS.test(gravity) ? gravity : '', '', ''];
}

function colour(text) {
  const digits = text.toLowerCase();
  const long = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  return /^[0-9a-f]{6}$/.test(long) && long;
}

function rectangle(text) {
  const form = /^\d{1,9},\d{1,9},0*[1-9]\d{0,8},0*[1-9]\d{0,8}$/;
  const clamped = each => Math.min(Number(each), 65535);
  return form.test(text) && text.split(',').map(clamped).join(',');
}

function queryOf(variant) {
  return written(variant, '=', ORDER).join('&');
}

function nameOf(variant) {
  const names = ORDER.filter(name => name !== 'fm');
  return written(variant, '_', names).join().replace(/rect_(\d+),(\d+),(\d+),/, 'rect_$1x$2x$3x') || 'full';
}

function written(variant, between, names) {
  return names.filter(name => variant[name]).map(name => name + between + variant[name]);
}
