/** Pass the image on; AppSync tells it to the subscribers. */
export function request(ctx) {
  return { payload: ctx.args.image };
}

/** Answer what was passed on. */
export function response(ctx) {
  return ctx.result;
}
