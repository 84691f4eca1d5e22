import { testStore } from "../conformance/suite.ts";
import { sqliteSubject } from "./test-subject.ts";

testStore(sqliteSubject, { histories: 60 });
