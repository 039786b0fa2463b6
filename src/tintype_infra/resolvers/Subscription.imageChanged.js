import { util } from "@aws-appsync/utils";

/** Let a caller hear of its own images, an admin of all: AppSync compares `owner` with each image's. */
export function request(ctx) {
  if (ctx.env.ACCESS_MODE !== "open" && !isAdmin(ctx) && ctx.args.owner !== ownerOf(ctx)) {
    util.unauthorized();
  }
  return { payload: null };
}

/** Nothing has happened yet. */
export function response() {
  return null;
}
