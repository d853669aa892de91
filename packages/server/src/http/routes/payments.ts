import { z } from '@hono/zod-openapi';
import { binaryEvent, isBinary, paymentFactFromCloudEvent } from '@perennial/domain';
import { operation, type AnyOperation } from '../operation.ts';
import type { ApiServices } from '../services.ts';

const batchCountMax = 1000;

/** Only whether it can be read is asked here, not when it came. */
const unknownInstant = '1970-01-01T00:00:00.000Z';

const envelopeSchema = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1).max(256),
    source: z.string().min(1).max(512),
    type: z.string().min(1).max(128),
    data: z.unknown().optional(),
  })
  .superRefine((event, context) => {
    // Intake's own reading, so that what is accepted here is never parked there as unreadable.
    const reading = paymentFactFromCloudEvent(event, { receivedAt: unknownInstant });
    if (reading.kind !== 'unreadable') return;
    if (reading.issues.length === 0) context.addIssue({ code: 'custom', path: ['data'], message: reading.message });
    for (const { path, message } of reading.issues) {
      context.addIssue({ code: 'custom', path: ['data', ...path.split('.')], message });
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
    description:
      'Structured, a batch, or binary mode (`ce-` headers). A batch is checked as a whole before any of it is stored. Sending an event twice does nothing more.',
    access: { kind: 'platform', roles: ['payment-provider', 'support'] },
    body: {
      schema: bodySchema,
      bytesMax: 1_000_000,
      mediaTypes: ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json'],
      complete: (value, headers) => (isBinary(headers) ? binaryEvent(headers, value) : value),
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
