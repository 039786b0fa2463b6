// Viewer requests of the API: those with an API key take the way without the check of tokens, since the key
// is none; the api function checks it. Nobody else has business there.
function handler(event) {
  var request = event.request;
  var authorization = request.headers.authorization;
  if (authorization && /^bearer +tint_/i.test(authorization.value)) {
    request.uri = request.uri.replace(/^\/api\//, '/api/with-key/');
    return request;
  }
  if (/^\/api\/with-key(\/|$)/.test(request.uri)) {
    return {
      statusCode: 404,
      statusDescription: 'Not Found',
      headers: { 'content-type': { value: 'application/problem+json' } },
      body: JSON.stringify({
        type: 'urn:tintype:problem:route_not_found',
        title: 'Path not found',
        status: 404,
        detail: 'Path not found',
        code: 'route_not_found'
      })
    };
  }
  return request;
}
