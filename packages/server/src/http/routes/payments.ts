import { z } from '@hono/zod-openapi';
import { paymentFactKinds, paymentFactSchema } from '@perennial/domain';
import { operation, type AnyOperation } from '../operation.ts';
import type { ApiServices } from '../services.ts';

const batchCountMax = 1000;

const envelopeSchema = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1).max(256),
    source: z.string().min(1).max(512),
    type: z.string().min(1).max(128),
    data: z.looseObject({
      provider: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and dashes'),
    }),
  })
  .superRefine((event, context) => {
    const kind = paymentFactKinds.find((candidate) => event.type === `payment.${candidate}`);
    // A type we do not know is stored all the same (`domain.md 6.10`, rule 4).
    if (kind === undefined) return;
    for (const issue of paymentFactSchema.safeParse({ ...event.data, kind }).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: ['data', ...issue.path], message: issue.message });
    }
  })
  .openapi('PaymentCloudEvent', {
    description: 'A CloudEvent 1.0; for the types `payment.…` that are known, `data` is checked as a payment fact',
  });

const bodySchema = z.union([envelopeSchema, z.array(envelopeSchema).min(1).max(batchCountMax)]);

const example = {
  specversion: '1.0',
  id: 'evt_1',
  source: 'https://billing.example',
  type: 'payment.settled',
  data: {
    provider: 'demo',
    providerEventId: 'evt_1',
    providerObjectId: 'invoice_1',
    subscriptionRef: 'acme/office-1',
    amount: { minor: 90_000, currency: 'EUR' },
    occurredAt: '2027-06-01T00:00:00Z',
  },
};

/** POST payments: the same as over NATS; stored before it is looked at. */
export function paymentOperation({ payments }: ApiServices): AnyOperation {
  return operation({
    id: 'publishPayments',
    method: 'post',
    path: '/v1/payments',
    tag: 'Payments',
    summary: 'Payment events as CloudEvents, one or a batch; 202 once stored',
    description: 'A batch is checked as a whole before any of it is stored. Sending an event twice does nothing more.',
    access: { kind: 'platform', roles: ['payment-provider', 'support'] },
    body: {
      schema: bodySchema,
      bytesMax: 1_000_000,
      mediaTypes: ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json'],
      example,
    },
    status: 202,
    response: z
      .object({ accepted: z.array(z.object({ id: z.string(), source: z.string(), duplicate: z.boolean() })) })
      .openapi('PaymentsAccepted', {
        example: { accepted: [{ id: 'evt_1', source: 'https://billing.example', duplicate: false }] },
      }),
    problems: [],
    handle: async ({ body }) => {
      const accepted: object[] = [];
      for (const event of [body].flat()) {
        const { duplicate } = await payments.publish(event);
        accepted.push({ id: event.id, source: event.source, duplicate });
      }
      return { body: { accepted } };
    },
  });
}
