/** Who the examples write to, and who they are. Portable: pages load this file too. */
export const MINE = {
  identity: "AGE-SECRET-KEY-1EFA0E3U9CL69F86G7HVAS26GDFYSLZW44LEVLK7N49AGP0C3DX8Q9CGGG0",
  recipient: "age18scfxk8zece7f6zhkf9fhdj4r063gc2yspwx36hc2l9zs7klw3us9r50l5",
};
export const THEIRS = {
  identity: "AGE-SECRET-KEY-1URPWTH0HGZNT2AXC7DTJZPND0WFE0SGXFXFE85TVE6PY6L7FRGFSF8DATY",
  recipient: "age1a56gjfnjk8pd2j2m5y8av4d70xywfehqzrj9x5f68007uyk6avpsdw2quh",
};
