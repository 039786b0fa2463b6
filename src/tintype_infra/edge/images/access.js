// What may be served without more, and what opens the rest: src/tintype/delivery/signing.py.

const COOKIE = '__Secure-tintype';
const EVERYONE = '*';

// Whether a variant needs no signature; its width becomes the next of the grid.
function isOpen(variant, mode) {
  if (variant.preset) {
    return mode !== 'none';
  }
  if (mode !== 'grid' || !/^(?:w=\d+)?&?(?:fm=(?:avif|webp|jpg))?$/.test(queryOf(variant))) {
    return false;
  }
  const wider = WIDTHS.filter(width => width >= Number(variant.w));
  variant.w = String(wider.length && variant.w ? wider[0] : WIDTHS[WIDTHS.length - 1]);
  return true;
}

function isSigned(path, canonical, query, now, mustExpire) {
  const e = query.e;
  const s = query.s;
  if (!s || s.multiValue || (e ? e.multiValue || !isAhead(e.value, now) : mustExpire)) {
    return false;
  }
  return isMac(s.value, path + '?' + withExpiry(canonical, e));
}

function withExpiry(canonical, e) {
  return e ? canonical + (canonical && '&') + 'e=' + e.value : canonical;
}

function withSignature(canonical, query) {
  const wanted = withExpiry(canonical, query.e);
  return query.s ? wanted + (wanted && '&') + 's=' + query.s.value : wanted;
}

function isOpened(owner, cookies, now) {
  const cookie = cookies[COOKIE];
  if (!cookie) {
    return false;
  }
  // In the path, the percent signs of the owner's folder are encoded.
  const folder = owner.replace(/%25/g, '%');
  return (cookie.multiValue || [cookie]).some(each => {
    const parts = /^(\d+)\.([0-9A-Za-z_-]+)\.(.+)$/.exec(each.value);
    return (
      !!parts &&
      (parts[3] === folder || parts[3] === EVERYONE) &&
      isAhead(parts[1], now) &&
      isMac(parts[2], 'session:' + parts[1] + '.' + parts[3])
    );
  });
}

function isAhead(seconds, now) {
  return /^[1-9]\d{0,10}$/.test(seconds) && Number(seconds) > now;
}

// Whatever else the template may have filled in, such as nothing or asterisks, is no key.
function isMac(given, text) {
  const mac = key => crypto.createHmac('sha256', key).update(text).digest('base64url');
  return KEYS.some(key => /^[0-9A-Za-z_-]{43}$/.test(key) && isEqual(given, mac(key)));
}

// Takes as long wherever the first difference is.
function isEqual(given, right) {
  let differences = given.length ^ right.length;
  for (let i = 0; i < right.length; i++) {
    differences |= given.charCodeAt(i) ^ right.charCodeAt(i);
  }
  return differences === 0;
}
