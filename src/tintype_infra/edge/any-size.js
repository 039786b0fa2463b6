// Viewer responses of pictures of any size: any site and canvas may use them, and other caches must know that
// the format follows Accept. Errors pass by (CloudFront runs no such function from 400 on).
function handler(event) {
  var headers = event.response.headers;
  headers['access-control-allow-origin'] = { value: '*' };
  headers.vary = { value: 'Accept' };
  return event.response;
}
