import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { catalogueSchema } from './catalogue.ts';
import { importServicePlanCsv } from './import-csv.ts';
import { CatalogueImportError } from './import-outcome.ts';
import { sampleCatalogue } from './sample-catalogue.ts';

const test = suite('catalogue import');

const header =
  'Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names';
const id = (digit: string): string => `${digit.repeat(8)}-${digit.repeat(4)}-4000-8000-${digit.repeat(12)}`;
const office = `OFFICESUBSCRIPTION,${id('a')},Office apps`;
const mail = `EXCHANGE_S_STANDARD,${id('b')},Mail`;

/** Written by hand with the oddities of the real file. */
const oddFile = [
  `\uFEFF${header}`,
  `"Suite, small",SUITE_S ,${id('1')},${office}`,
  `"Suite, small",SUITE_S,${id('1')},${mail}`,
  `"Suite, small",SUITE_S,${id('1')},EXCHANGE_S_STANDARD,${id('b').toUpperCase()},Mail`,
  `"Suite, small",SUITE_S,${id('1')},EXCHANGE_S_STANDARD,${id('b')},MAIL`,
  `Suite large,Suite (large/no Teams),${id('2')},${mail}`,
  `Suite large,Suite (large/no Teams),${id('2')},"FORMS ""X""",${id('c')},Forms\u00a0 \tplan`,
  '',
  `Other,SUITE_S,${id('3')},EXCHANGE_S_STANDARD),${id('b')},`,
  `Broken,BROKEN,not-a-guid,X,${id('d')},X`,
  `Cut off,CUT`,
].join('\r\n');

test('products become plans and service plans apps, each once', () => {
  const { catalogue } = importServicePlanCsv(oddFile);
  assert.equal(catalogueSchema.parse(catalogue), catalogue);
  assert.equal(catalogue.plans, [
    {
      planId: 'SUITE_S',
      name: 'Suite, small',
      skuId: id('1'),
      apps: [
        { appId: id('a'), name: 'Office apps', kind: 'desktop' },
        { appId: id('b'), name: 'Mail', kind: 'service' },
      ],
    },
    {
      planId: 'Suite_large_no_Teams_',
      name: 'Suite large',
      skuId: id('2'),
      apps: [
        { appId: id('b'), name: 'Mail', kind: 'service' },
        { appId: id('c'), name: 'Forms plan', kind: 'service' },
      ],
    },
    {
      planId: 'SUITE_S_33333333',
      name: 'Other',
      skuId: id('3'),
      apps: [{ appId: id('b'), name: 'Mail', kind: 'service' }],
    },
  ]);
});

test('every oddity is reported with its line, in the order of the file', () => {
  const found = importServicePlanCsv(oddFile).oddities.map(({ line, code }) => `${line} ${code}`);
  assert.equal(found, [
    '1 BYTE_ORDER_MARK',
    '2 WHITESPACE_TRIMMED',
    '4 DUPLICATE_ROW',
    '5 APP_NAME_VARIES',
    '5 DUPLICATE_APP',
    '6 PLAN_ID_REWRITTEN',
    '7 WHITESPACE_TRIMMED',
    '9 EMPTY_NAME',
    '9 APP_NAME_VARIES',
    '9 APP_CODE_VARIES',
    '9 PLAN_ID_REUSED',
    '10 INVALID_ROW',
    '11 INVALID_ROW',
  ]);
});

test('the same content has the same version, other content another', () => {
  const version = (text: string): string => importServicePlanCsv(text).catalogue.version;
  assert.is(version(oddFile), version(oddFile.replaceAll('\r\n', '\n')));
  assert.is.not(version(oddFile), version(oddFile.replace('Suite large', 'Suite huge')));
  assert.match(version(oddFile), /^m365-[0-9a-f]{16}$/);
});

test('columns are found by name, in any order', () => {
  const turned = (line: string): string => line.split(',').reverse().join(',');
  const text = [turned(header), turned(`Mail only,MAIL,${id('4')},${mail}`)].join('\n');
  assert.is(importServicePlanCsv(text).catalogue.plans[0]?.name, 'Mail only');
});

test('what is no such file is refused as a whole', () => {
  const codeOf = (text: string): string => {
    try {
      importServicePlanCsv(text);
    } catch (error) {
      if (error instanceof CatalogueImportError) return error.code;
      throw error;
    }
    return 'nothing thrown';
  };
  assert.is(codeOf(''), 'UNKNOWN_COLUMNS');
  assert.is(codeOf('name,price\nx,1'), 'UNKNOWN_COLUMNS');
  assert.is(codeOf(header), 'NO_PLANS');
  assert.is(codeOf(`${header}\n"never closed,${mail}`), 'MALFORMED_CSV');
});

test('the sample holds plans with and without desktop apps, and one that is no longer sold', () => {
  assert.equal(catalogueSchema.parse(sampleCatalogue), sampleCatalogue);
  const kinds = (planId: string): string[] => [
    ...new Set(sampleCatalogue.plans.find((plan) => plan.planId === planId)?.apps.map((app) => app.kind)),
  ];
  assert.equal(kinds('SPE_F1'), ['service']);
  assert.equal(kinds('SPE_E5').sort(), ['desktop', 'service']);
  assert.ok(sampleCatalogue.plans.some((plan) => plan.endOfSale !== undefined));
  assert.ok(sampleCatalogue.plans.length >= 12);
});

test('an app means the same in every plan of the sample', () => {
  const names = new Map<string, string>();
  for (const { appId, name, kind } of sampleCatalogue.plans.flatMap((plan) => plan.apps)) {
    assert.is(names.get(appId) ?? `${name} ${kind}`, `${name} ${kind}`);
    names.set(appId, `${name} ${kind}`);
  }
});

test('a plan that is there twice is refused', () => {
  const [plan] = sampleCatalogue.plans;
  assert.not.ok(catalogueSchema.safeParse({ version: 'x', plans: [plan, plan] }).success);
});

test.run();
