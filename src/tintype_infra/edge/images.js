// Viewer requests of renditions: public ones by their exact path alone; private ones, below /p/, by a signature
// or the session's cookie, as src/tintype/delivery.py makes them. Nothing else in their bucket has an address.
// It must not trust the behaviour that it runs in: CloudFront matches a normalized path, and passes on the raw
// one, and `?` in a path pattern is any character, a slash too.
var crypto = require('crypto');

var KEYS = ['CURRENT_KEY', 'PREVIOUS_KEY']; // filled in by the template
var COOKIE = '__Secure-tintype';
var EVERYONE = '*';
var FILE = '[0-7][0-9A-HJKMNP-TV-Z]{25}/[0-9a-f]+/[0-9A-Za-z][0-9A-Za-z._-]*';
var PUBLIC = new RegExp('^/' + FILE + '$');
var PRIVATE = new RegExp('^/p/(?![.]+/)((?:[0-9A-Za-z._~-]|%25[0-9A-F]{2})+)/' + FILE + '$');

function handler(event) {
  var request = event.request;
  var uri = request.uri;
  if (PUBLIC.test(uri)) {
    return request;
  }
  if (!/^\/p\//.test(uri)) {
    return answer(404, 'Not Found');
  }
  var path = PRIVATE.exec(uri);
  var now = Math.floor(Date.now() / 1000);
  if (!path || !(isSigned(uri, request.querystring, now) || isOpened(path[1], request.cookies, now))) {
    return answer(403, 'Forbidden');
  }
  request.uri = uri.replace(/^\/p\//, '/private/');
  request.querystring = {};
  request.cookies = {};
  return request;
}

function isSigned(uri, query, now) {
  var e = query.e;
  var s = query.s;
  if (!e || !s || e.multiValue || s.multiValue) {
    return false;
  }
  return isAhead(e.value, now) && isMac(s.value, uri + '?e=' + e.value);
}

function isOpened(owner, cookies, now) {
  var cookie = cookies[COOKIE];
  if (!cookie) {
    return false;
  }
  // In the path, the percent signs of the owner's folder are encoded.
  var folder = owner.replace(/%25/g, '%');
  return (cookie.multiValue || [cookie]).some(function (each) {
    var parts = /^(\d+)\.([0-9A-Za-z_-]+)\.(.+)$/.exec(each.value);
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
  return KEYS.some(function (key) {
    return /^[0-9A-Za-z_-]{43}$/.test(key) && isEqual(given, crypto.createHmac('sha256', key).update(text).digest('base64url'));
  });
}

// Takes as long wherever the first difference is.
function isEqual(given, right) {
  var differences = given.length ^ right.length;
  for (var i = 0; i < right.length; i++) {
    differences |= given.charCodeAt(i) ^ right.charCodeAt(i);
  }
  return differences === 0;
}

function answer(status, text) {
  return {
    statusCode: status,
    statusDescription: text,
    headers: {
      'cache-control': { value: 'no-store' },
      'content-type': { value: 'text/plain; charset=utf-8' }
    },
    body: text + '\n'
  };
}
