// Viewer requests with addresses of other programs: each is redirected to our own address of the same picture.
// The object's key in the originals bucket is that of their picture; its image has the ID that
// src/tintype/keys.py derives from it. Our address is signed, since those programs have every size in the open.
// The file of the dialect, and images/grammar.js, are put behind this one (moving_edge.py). `translated` of a
// dialect returns the key and our parameters, or throws the name of what it cannot translate.
const crypto = require('crypto');

// Filled in: by the template, and by synthesis from tintype.toml.
const KEYS = ['CURRENT_KEY', 'PREVIOUS_KEY'];
const BUCKET = 'ORIGINALS_BUCKET';
const PRESETS = {};

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const OURS = /^originals\/([0-7][0-9A-HJKMNP-TV-Z]{25})\/(?:~[^/]+\/)?[^/]+$/;

function handler(event) {
  const path = event.request.uri;
  try {
    const asked = translated(path);
    const address = '/i/' + idOf(asked.key);
    const query = queryOf(variantOf(textsOf(asked.parameters)));
    const signature = signatureOf(address + '?' + query);
    return answer(302, 'Found', {
      location: { value: address + '?' + query + (query && '&') + 's=' + signature },
      // A signature is good until its key has been changed twice.
      'cache-control': { value: 'max-age=3600' }
    });
  } catch (wrong) {
    // An address may trip the translation up, by an option `constructor`, say. It is as wrong as others.
    const named = typeof wrong === 'string' ? wrong : 'the address';
    const detail = named.replace(/[^\w.:-]/g, '?').slice(0, 40);
    const headers = { 'cache-control': { value: 'max-age=60' }, 'content-type': { value: 'text/plain; charset=utf-8' } };
    const refusal = answer(400, 'Bad Request', headers);
    refusal.body = 'Bad Request: cannot translate ' + detail + '\n';
    return refusal;
  }
}

function answer(status, text, headers) {
  return { statusCode: status, statusDescription: text, headers: headers };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (_) {
    throw 'the percent-encoding';
  }
}

// `constructor` is a name that every object has.
function isOwn(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
}

// Parameters that are there, as texts.
function textsOf(parameters) {
  const texts = {};
  Object.keys(parameters).forEach(name => {
    if (parameters[name] !== undefined && parameters[name] !== '') {
      texts[name] = String(parameters[name]);
    }
  });
  return texts;
}

// 128 bits in 26 digits, of which the first has 3: keys.derived_id.
function idOf(key) {
  const own = OURS.exec(key);
  if (own) {
    return own[1];
  }
  if (!key || key.slice(-1) === '/') {
    throw 'the key';
  }
  const hex = crypto.createHash('sha256').update(BUCKET + '\0' + key).digest('hex').slice(0, 32);
  const bits = '00' + hex.replace(/./g, digit => ('000' + parseInt(digit, 16).toString(2)).slice(-4));
  return bits.replace(/.{5}/g, five => DIGITS[parseInt(five, 2)]);
}

// By the previous key, which each location knows while a new one is on its way.
function signatureOf(text) {
  const known = KEYS.filter(key => /^[0-9A-Za-z_-]{43}$/.test(key));
  if (!known.length) {
    throw 'anything without a key';
  }
  return crypto.createHmac('sha256', known[known.length - 1]).update(text).digest('base64url');
}
