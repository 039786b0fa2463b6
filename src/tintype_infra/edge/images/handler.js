// Viewer requests of pictures: renditions by their exact path, and any size by its address. Private ones, below
// /p/, need a signature or the session's cookie, as src/tintype/delivery/signing.py makes them. Nothing else in
// their bucket has an address.
// It must not trust the behaviour that it runs in: CloudFront matches a normalized path, and passes on the raw
// one, and `?` in a path pattern is any character, a slash too.
// Start here; the other files of this folder are put behind this one, without their comments (images_edge.py).
// The runtime is ES 5.1 in strict mode with some later features, of which const and arrow functions are used here
// (developer guide, "JavaScript runtime 2.0 features").
const crypto = require('crypto');

// Filled in: by the template, and by synthesis from tintype.toml and src/tintype/delivery/grammar.py. PRESETS has the names of presets by their formats,
// which begin with `auto` if only the first that fits the original is written.
const KEYS = ['CURRENT_KEY', 'PREVIOUS_KEY'];
const WIDTHS = GRID_WIDTHS;
const PRESETS = PRESETS_BY_FORMATS;
const UNSIGNED = 'OPEN_ADDRESSES';

const ID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
const FILE = ID + '/[0-9a-f]+/[0-9A-Za-z][0-9A-Za-z._-]*';
const OWNER = '/p/(?![.]+/)((?:[0-9A-Za-z._~-]|%25[0-9A-F]{2})+)';
const PUBLIC = new RegExp('^/' + FILE + '$');
const PRIVATE = new RegExp('^' + OWNER + '/' + FILE + '$');
const ANY_SIZE = new RegExp('^((?:/i|' + OWNER + ')/(' + ID + '))(?:/[^/]+)?$');

function handler(event) {
  const request = event.request;
  const uri = request.uri;
  if (PUBLIC.test(uri)) {
    return request;
  }
  const now = Math.floor(Date.now() / 1000);
  const size = ANY_SIZE.exec(uri);
  if (size) {
    return anySize(request, size[1], size[2], size[3], now);
  }
  if (!/^\/p\//.test(uri)) {
    return refusal(uri, 404, 'Not Found');
  }
  const path = PRIVATE.exec(uri);
  const query = request.querystring;
  if (!path || !(isSigned(uri, '', query, now, true) || isOpened(path[1], request.cookies, now))) {
    return refusal(uri, 403, 'Forbidden');
  }
  return rewritten(request, uri.replace(/^\/p\//, '/private/'));
}

// The path is the signed one, without a name for people; the owner is undefined in public addresses.
function anySize(request, path, owner, id, now) {
  const query = request.querystring;
  let variant;
  try {
    variant = variantOf(parametersOf(query));
  } catch (wrong) {
    if (typeof wrong !== 'string') {
      throw wrong;
    }
    return refusal(path, 400, 'Bad Request', 'parameter ' + wrong.replace(/[^\w.-]/g, '?').slice(0, 40));
  }
  const opened = !owner ? UNSIGNED : isOpened(owner, request.cookies, now) ? 'grid' : 'none';
  const isAllowed =
    query.s || query.e
      ? isSigned(path, queryOf(variant), query, now, !!owner)
      : isOpen(variant, opened);
  if (!isAllowed) {
    return refusal(path, 403, 'Forbidden');
  }
  request.headers['ADDRESS_HEADER'] = { value: path + '?' + withSignature(queryOf(variant), query) };
  const folder = !owner ? '' : '/private/' + owner;
  const file = nameOf(variant) + '.' + extensionOf(variant, request.headers.accept);
  return rewritten(request, folder + '/' + id + '/x/' + file);
}

function rewritten(request, uri) {
  request.uri = uri;
  request.querystring = {};
  request.cookies = {};
  return request;
}

// A browser that signs in must not remember what it was refused before.
function refusal(path, status, text, detail) {
  return {
    statusCode: status,
    statusDescription: text,
    headers: {
      'cache-control': { value: /^\/p\//.test(path) ? 'no-store' : 'max-age=60' },
      'content-type': { value: 'text/plain; charset=utf-8' }
    },
    body: text + (detail ? ': ' + detail : '') + '\n'
  };
}
