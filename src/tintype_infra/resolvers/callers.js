/** Return whether the caller may see everyone's images: an admin, or an operator who signs with IAM. */
function isAdmin(ctx) {
  if (ctx.identity?.userArn) {
    return true;
  }
  const groups = ctx.identity?.claims?.[ctx.env.GROUPS_CLAIM];
  return groups === ctx.env.ADMIN_GROUP || (Array.isArray(groups) && groups.includes(ctx.env.ADMIN_GROUP));
}

/**
 * Return the owner that the caller is. A subject that owners.py would encode is refused, since this
 * language cannot: no issuer that we know has such.
 */
function ownerOf(ctx) {
  const subject = ctx.identity?.sub ?? "";
  if (subject === "public" || !util.matches("^[!-$&-.0-\x7e]{1,128}$", subject)) {
    util.unauthorized();
  }
  return subject;
}

/** Return whose images the caller asks for: an admin's choice, else the caller's own. */
function chosenOwner(ctx) {
  if (ctx.env.ACCESS_MODE === "open") {
    return "public";
  }
  const wanted = ctx.args.owner;
  if (isAdmin(ctx)) {
    return wanted ?? (ctx.identity.userArn ? "public" : ownerOf(ctx));
  }
  const own = ownerOf(ctx);
  if (wanted && wanted !== own) {
    util.unauthorized();
  }
  return own;
}
