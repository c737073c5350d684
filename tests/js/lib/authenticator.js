/** Chromium's virtual authenticator, for the DevTools protocol: this device's, with PRF. */
export const AUTHENTICATOR = {
  protocol: "ctap2",
  ctap2Version: "ctap2_1",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  hasPrf: true,
  automaticPresenceSimulation: true,
  isUserVerified: true,
};
