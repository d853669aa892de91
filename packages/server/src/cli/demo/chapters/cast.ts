/** The plans that are bought; they are in the shipped sample and in Microsoft's file alike. */
export const plans = {
  office: 'O365_BUSINESS_PREMIUM',
  visio: 'VISIOCLIENT',
  suite: 'SPE_E3',
  apps: 'O365_BUSINESS',
} as const;

/** The people. */
export const people = {
  alice: 'alice@acme.example',
  bob: 'bob@acme.example',
  carol: 'carol@globex.example',
} as const;

/** The card that Acme comes back with: a token of the payment provider, never a number. */
export const card = { kind: 'card', token: 'pm_demo_card', country: 'NL', brand: 'visa', expires: '2099-12' } as const;
