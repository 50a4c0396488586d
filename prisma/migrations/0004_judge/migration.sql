-- What else the flows of a tuple told, so that policies can be judged for it (lib/ledger/facts.ts). Tuples of before say that they do not know.
ALTER TABLE "traffic_tuple" ADD COLUMN "facts" JSONB NOT NULL DEFAULT '["un "]';
